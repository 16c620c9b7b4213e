import { webPlatform } from './platform.web.ts'
import { mount } from './ui/mount.tsx'
import { waitingUpdate } from './update.ts'

const element = document.getElementById('app')
if (element) void mount(element, { ...webPlatform(), update: waitingUpdate() })
