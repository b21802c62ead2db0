/** What the mails say, in the reader's language. Links are built from ORIGIN only. */
import { m } from '../../../i18n/paraglide/messages';
import type { Letter } from './letter';

type Locale = Letter['locale'];

export interface CodeLetter {
	purpose: 'recover' | 'verify-email' | 'register' | 'change-email';
	to: string;
	app: string;
	code: string;
	link: string;
	/** A number; its name in braces where the letter is a template. */
	minutes: number | string;
	/** Which account the mail is about, where its reader may not know. */
	account?: string;
	locale: Locale;
}

const codeTexts = {
	recover: { subject: m.mail_recover_subject, text: m.mail_recover_text },
	'recover-unproven': { subject: m.mail_recover_subject, text: m.mail_recover_unproven_text },
	'verify-email': { subject: m.mail_verify_email_subject, text: m.mail_verify_email_text },
	register: { subject: m.mail_register_subject, text: m.mail_register_text },
	'change-email': { subject: m.mail_change_email_subject, text: m.mail_change_email_text },
} as const;

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

export function codeLetter(facts: CodeLetter): Letter {
	const values = {
		app: oneLine(facts.app),
		code: facts.code,
		link: facts.link,
		minutes: facts.minutes,
		account: oneLine(facts.account ?? ''),
	};
	const unproven = facts.purpose === 'recover' && facts.account !== undefined;
	const texts = codeTexts[unproven ? 'recover-unproven' : facts.purpose];
	return {
		channel: 'email',
		purpose: facts.purpose,
		to: facts.to,
		subject: texts.subject(values, { locale: facts.locale }),
		text: texts.text(values, { locale: facts.locale }),
		params: { ...values, minutes: String(facts.minutes) },
		locale: facts.locale,
	};
}

interface NoticeLetter {
	purpose:
		| 'password-changed'
		| 'account-taken-back'
		| 'already-registered'
		| 'email-changed'
		| 'email-in-use'
		| 'phone-changed'
		| 'email-removed'
		| 'phone-removed'
		| 'way-in-added'
		| 'way-in-removed';
	to: string;
	app: string;
	link: string;
	/** What was changed, by its name: a connector, a passkey. */
	what?: string;
	locale: Locale;
}

const noticeTexts = {
	'password-changed': { subject: m.mail_password_changed_subject, text: m.mail_password_changed_text },
	'account-taken-back': {
		subject: m.mail_account_taken_back_subject,
		text: m.mail_account_taken_back_text,
	},
	'already-registered': { subject: m.mail_already_registered_subject, text: m.mail_already_registered_text },
	'email-changed': { subject: m.mail_email_changed_subject, text: m.mail_email_changed_text },
	'email-in-use': { subject: m.mail_email_in_use_subject, text: m.mail_email_in_use_text },
	'phone-changed': { subject: m.mail_phone_changed_subject, text: m.mail_phone_changed_text },
	'email-removed': { subject: m.mail_email_removed_subject, text: m.mail_email_removed_text },
	'phone-removed': { subject: m.mail_phone_removed_subject, text: m.mail_phone_removed_text },
	'way-in-added': { subject: m.mail_way_in_added_subject, text: m.mail_way_in_added_text },
	'way-in-removed': { subject: m.mail_way_in_removed_subject, text: m.mail_way_in_removed_text },
} as const;

export function noticeLetter(facts: NoticeLetter): Letter {
	const values = { app: oneLine(facts.app), link: facts.link, what: oneLine(facts.what ?? '') };
	const texts = noticeTexts[facts.purpose];
	return {
		channel: 'email',
		purpose: facts.purpose,
		to: facts.to,
		subject: texts.subject(values, { locale: facts.locale }),
		text: texts.text(values, { locale: facts.locale }),
		params: {},
		locale: facts.locale,
	};
}

interface WelcomeFacts {
	to: string;
	/** How the reader is addressed. */
	person: string;
	link: string;
	locale: Locale;
}

export function welcomeLetter(app: { name: string }, facts: WelcomeFacts): Letter {
	const values = { app: oneLine(app.name), person: oneLine(facts.person), link: facts.link };
	return {
		channel: 'email',
		purpose: 'welcome',
		to: facts.to,
		subject: m.mail_welcome_subject(values, { locale: facts.locale }),
		text: m.mail_welcome_text(values, { locale: facts.locale }),
		params: values,
		locale: facts.locale,
	};
}
