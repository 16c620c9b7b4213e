import { mount } from '../../../pwa/ui/mount.tsx'
import { extensionPlatform } from '../../platform.extension.ts'

const element = document.getElementById('app')
if (element) void mount(element, extensionPlatform())
