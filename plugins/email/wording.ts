/** The texts of a mail with a code, in both languages. */
import type { Locale } from '@menshen/plugin-kit';

export interface Values {
	app: string;
	code: string;
	minutes: number;
}

interface Words {
	/** By purpose; `other` for one that is not listed. */
	subjects: Readonly<Record<string, (values: Values) => string>>;
	/** What happened, so that a reader who did not cause it can notice. */
	openings: Readonly<Record<string, (values: Values) => string>>;
	code: string;
	link: string;
	closing: (values: Values) => string;
}

const english: Words = {
	subjects: {
		'sign-in': ({ app, code }) => `${app}: ${code} is your code to sign in`,
		register: ({ app, code }) => `${app}: ${code} completes the registration`,
		recover: ({ app, code }) => `${app}: ${code} is the code for a new password`,
		'verify-email': ({ app, code }) => `${app}: ${code} confirms this email`,
		'change-email': ({ app, code }) => `${app}: ${code} confirms the new email`,
		other: ({ app, code }) => `${app}: ${code} is your code`,
	},
	openings: {
		'sign-in': ({ app }) => `Somebody wants to sign in to ${app} with this email.`,
		register: ({ app }) => `A new account at ${app} waits for this code.`,
		recover: ({ app }) => `A new password was asked for at ${app}.`,
		'verify-email': ({ app }) => `This email was entered for an account at ${app}.`,
		'change-email': ({ app }) => `This email was entered as the new one of an account at ${app}.`,
		other: ({ app }) => `${app} asks whether this email is yours.`,
	},
	code: 'Code:',
	link: 'Or open this link:',
	closing: ({ app, minutes }) =>
		`Valid once, for ${minutes} minutes. Do not share it: nobody at ${app} will ask for it. If this was not you, ignore this mail.`,
};

const chinese: Words = {
	subjects: {
		'sign-in': ({ app, code }) => `${app}：登录验证码 ${code}`,
		register: ({ app, code }) => `${app}：注册验证码 ${code}`,
		recover: ({ app, code }) => `${app}：重置密码验证码 ${code}`,
		'verify-email': ({ app, code }) => `${app}：邮箱验证码 ${code}`,
		'change-email': ({ app, code }) => `${app}：新邮箱验证码 ${code}`,
		other: ({ app, code }) => `${app}：验证码 ${code}`,
	},
	openings: {
		'sign-in': ({ app }) => `有人正在使用此邮箱登录 ${app}。`,
		register: ({ app }) => `正在 ${app} 注册新账号。`,
		recover: ({ app }) => `${app} 收到了重置密码的请求。`,
		'verify-email': ({ app }) => `${app} 的一个账号填写了此邮箱。`,
		'change-email': ({ app }) => `${app} 的一个账号将此邮箱填写为新邮箱。`,
		other: ({ app }) => `${app} 需要确认此邮箱属于您。`,
	},
	code: '验证码：',
	link: '也可以打开下面的链接：',
	closing: ({ app, minutes }) =>
		`仅可使用一次，${minutes} 分钟内有效。请勿告诉他人，${app} 的工作人员不会向您索取。如非本人操作，请忽略此邮件。`,
};

const words: Record<Locale, Words> = { en: english, 'zh-CN': chinese };

export interface Pieces {
	subject: string;
	opening: string;
	codeLabel: string;
	linkLabel: string;
	closing: string;
}

export function piecesFor(locale: Locale, purpose: string, values: Values): Pieces {
	const { subjects, openings, code, link, closing } = words[locale];
	const key = Object.hasOwn(subjects, purpose) ? purpose : 'other';
	return {
		subject: subjects[key]?.(values) ?? '',
		opening: openings[key]?.(values) ?? '',
		codeLabel: code,
		linkLabel: link,
		closing: closing(values),
	};
}
