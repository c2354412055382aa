const crypto = process.getBuiltinModule("node:crypto");
export default crypto;
export const { createHash, createHmac, randomUUID, scryptSync, timingSafeEqual } = crypto;
