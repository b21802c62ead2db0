/** What to call a browser, from what it says of itself: enough for its owner to tell it from another one. */
import Bowser from 'bowser';

export interface Device {
	/** e.g. `Chrome`; absent where nothing is known. */
	browser?: string;
	/** e.g. `Windows`. */
	system?: string;
	kind: 'phone' | 'tablet' | 'computer';
}

/** Words a browser uses for people; several name themselves after their engine first. */
const known: readonly (readonly [RegExp, string])[] = [
	[/MicroMessenger/i, 'WeChat'],
	[/DingTalk/i, 'DingTalk'],
	[/AlipayClient/i, 'Alipay'],
];

const kinds: Readonly<Record<string, Device['kind']>> = { mobile: 'phone', tablet: 'tablet' };

export function deviceOf(userAgent: string): Device {
	if (!userAgent) return { kind: 'computer' };
	const { browser, os, platform } = Bowser.parse(userAgent);
	const name = known.find(([mark]) => mark.test(userAgent))?.[1] ?? browser.name;
	return {
		...(name ? { browser: name } : {}),
		...(os.name ? { system: os.name } : {}),
		kind: kinds[platform.type ?? ''] ?? 'computer',
	};
}
