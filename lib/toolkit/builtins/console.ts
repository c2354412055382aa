export const { Console } = process.getBuiltinModule("node:console");
