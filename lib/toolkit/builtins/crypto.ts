const crypto = process.getBuiltinModule("node:crypto");
export default crypto;
export const { createHash, createHmac, hash, randomBytes, randomInt, scryptSync, timingSafeEqual } = crypto;
