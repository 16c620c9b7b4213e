import { activeFiles } from './activeFiles.ts'
import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'
import { pickFiles } from './pickFiles.ts'
import { uploadSources } from './upload-sources.ts'

/** Uploads a folder that the person chooses, with all that is in it, to the directory that is shown. */
export const uploadFolder: Command = {
  id: 'upload-folder',
  title: 'Upload a folder…',
  when: (desk) => activeTab(desk) !== undefined,
  async run(desk) {
    const tab = activeFiles(desk)?.tab ?? activeTab(desk)
    const taken = await pickFiles('folder')
    if (tab && taken) await uploadSources.run(desk, { tabId: tab.id, taken })
  },
}
