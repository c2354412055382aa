import { abortPaths } from "./abort-paths.ts";
import { growthPaths } from "./growth-paths.ts";
import { lifecyclePaths } from "./lifecycle-paths.ts";
import type { Path } from "./path.ts";
import { promotionPaths } from "./promotion-paths.ts";
import { rollbackPaths } from "./rollback-paths.ts";
import { updatePaths } from "./update-paths.ts";

export const paths: Path[] = [...growthPaths, ...lifecyclePaths, ...updatePaths, ...abortPaths, ...rollbackPaths, ...promotionPaths];
