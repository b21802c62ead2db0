/** A word that stands beside the code and on the device: who sees two different ones is being tricked. */
import { createHash } from 'node:crypto';

const words = {
	en: [
		'maple',
		'river',
		'lantern',
		'pebble',
		'willow',
		'copper',
		'meadow',
		'harbour',
		'violet',
		'falcon',
		'orchard',
		'thunder',
		'marble',
		'cinder',
		'juniper',
		'glacier',
	],
	'zh-CN': [
		'青松',
		'流水',
		'灯笼',
		'山石',
		'杨柳',
		'明月',
		'草原',
		'港湾',
		'紫藤',
		'飞鹰',
		'果园',
		'春雷',
		'白玉',
		'星火',
		'竹林',
		'冰川',
	],
} as const;

/** The same for the same key and language. */
export function wordFor(key: string, locale: keyof typeof words): string {
	const bytes = createHash('sha256').update(`menshen-scan\0${key}`).digest();
	const list = words[locale];
	return `${list[bytes.readUInt8(0) % list.length]} ${list[bytes.readUInt8(1) % list.length]}`;
}
