import type { Obstacle } from '../../model/preview/replaceFile.ts'

/** Why a file cannot be replaced, in words. */
export const obstacleTexts: Record<Obstacle, string> = {
  directory: 'The safe way is to put a new file in the place of the old, but you may not write into its folder.',
  owner: 'The safe way is to put a new file in the place of the old, but that would not belong to the same owner.',
  rename: 'The safe way is to put a new file in the place of the old, which this server cannot do in one step.',
}
