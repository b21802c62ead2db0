/**
 * Who lives in the emulated WeChat: the same two people and the same four accounts behind every connector,
 * so that an openid from one and a unionid from another lead to one person.
 */

/** The four worlds in which a person has an openid of their own. */
export type World = 'miniprogram' | 'website' | 'official' | 'app';

export interface WechatAccount {
	appid: string;
	secret: string;
}

export const accounts: Readonly<Record<World, WechatAccount>> = {
	miniprogram: { appid: 'wx00000000000000a1', secret: 'canary-miniprogram-secret-000001' },
	website: { appid: 'wx00000000000000b2', secret: 'canary-website-secret-0000000002' },
	official: { appid: 'wx00000000000000c3', secret: 'canary-official-secret-000000003' },
	app: { appid: 'wx00000000000000d4', secret: 'canary-native-app-secret-0000004' },
};

export interface WechatPerson {
	name: string;
	unionid: string;
	openids: Readonly<Record<World, string>>;
	nickname: string;
	/** Empty where the person has none, as the vendor writes it. */
	headimgurl: string;
	phone: { countryCode: string; number: string };
}

export const people = {
	mei: {
		name: 'Mei',
		unionid: 'oU-mei-000000000000000000001',
		openids: {
			miniprogram: 'oA-mei-000000000000000000001',
			website: 'oB-mei-000000000000000000001',
			official: 'oC-mei-000000000000000000001',
			app: 'oD-mei-000000000000000000001',
		},
		nickname: '梅',
		headimgurl: 'https://thirdwx.qlogo.cn/mmopen/emulated-mei/132',
		phone: { countryCode: '86', number: '13800138001' },
	},
	li: {
		name: 'Li',
		unionid: 'oU-li-0000000000000000000002',
		openids: {
			miniprogram: 'oA-li-0000000000000000000002',
			website: 'oB-li-0000000000000000000002',
			official: 'oC-li-0000000000000000000002',
			app: 'oD-li-0000000000000000000002',
		},
		nickname: 'Li 李',
		headimgurl: '',
		phone: { countryCode: '852', number: '51234567' },
	},
} as const satisfies Readonly<Record<string, WechatPerson>>;

export type PersonKey = keyof typeof people;
export const isPerson = (key: string): key is PersonKey => Object.hasOwn(people, key);
