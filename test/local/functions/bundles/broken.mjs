throw new TypeError("cannot be imported");
