/** What a text message says. Short: two parts of an SMS cost twice as much. */
import type { CodeToCompose, Locale } from '@menshen/plugin-kit';

type Values = Pick<CodeToCompose, 'code' | 'minutes' | 'appName'>;

/** What the code is for, by purpose; `other` for one that is not listed. */
const aims = {
	en: {
		'sign-in': 'to sign in',
		register: 'to register',
		recover: 'for a new password',
		'verify-email': 'to confirm your email',
		'change-phone': 'to confirm this number',
		other: '',
	},
	'zh-CN': {
		'sign-in': '登录',
		register: '注册',
		recover: '重置密码',
		'verify-email': '邮箱验证',
		'change-phone': '手机号验证',
		other: '',
	},
} as const satisfies Record<Locale, Record<string, string>>;

const sentences: Record<Locale, (aim: string, values: Values) => string> = {
	en: (aim, { appName, code, minutes }) =>
		`${appName}: ${code} is your code${aim && ` ${aim}`}. Valid for ${minutes} min. Do not share it.`,
	'zh-CN': (aim, { appName, code, minutes }) =>
		`${appName}：${aim}验证码 ${code}，${minutes} 分钟内有效，请勿告诉他人。`,
};

export function sentenceFor(locale: Locale, purpose: string, values: Values): string {
	const known: Readonly<Record<string, string>> = aims[locale];
	return sentences[locale](Object.hasOwn(known, purpose) ? (known[purpose] ?? '') : '', values);
}
