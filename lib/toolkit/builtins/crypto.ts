const crypto = process.getBuiltinModule("node:crypto");
export default crypto;
export const { createHash, createHmac, hash, randomInt, randomUUID, scryptSync, timingSafeEqual } = crypto;
