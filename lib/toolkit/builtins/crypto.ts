const crypto = process.getBuiltinModule("node:crypto");
export default crypto;
export const { createHash, createHmac, randomInt, randomUUID, scryptSync, timingSafeEqual } = crypto;
