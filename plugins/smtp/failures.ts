/**
 * What the mail server's refusal means for the message: whether it certainly did not arrive, and whether another
 * try may help (RFC 5321 §4.2.1: 4yz is for now, 5yz is for good).
 */
import { DeliveryFailed, PluginFailure } from '@menshen/plugin-kit';

/** What nodemailer throws. */
interface SmtpError extends Error {
	code?: string;
	/** The SMTP command under way; `CONN` and `API` are its own. */
	command?: string;
	responseCode?: number;
}

/** Node's words for a certificate or handshake that failed, under whichever code they arrive. */
const isAboutTls = ({ code, message }: SmtpError): boolean =>
	code === 'ETLS' || (code === 'ESOCKET' && /certificate|altnames|\bSSL\b|\bTLS\b/i.test(message));

const isPermanent = (error: SmtpError): boolean => (error.responseCode ?? 0) >= 500;

/** The server's own words may repeat what was sent to it: only its numbers are passed on. */
function detailOf(error: SmtpError): string {
	const { code = 'EUNKNOWN', command = 'CONN', responseCode } = error;
	if (isAboutTls(error))
		return 'no encrypted connection: the certificate is not trusted, or the server offers none';
	return responseCode ? `${command} was answered with ${responseCode}` : `${code} during ${command}`;
}

/** @param handedOver the whole message was on its way, and only the receipt is missing */
export function deliveryFailureOf(error: unknown, handedOver: boolean): DeliveryFailed {
	if (error instanceof DeliveryFailed) return error;
	if (error instanceof PluginFailure)
		return new DeliveryFailed({
			retry: !handedOver,
			certain: !handedOver,
			reason: error.reason,
			detail: error.message,
			cause: error,
		});
	const failed = error as SmtpError;
	const detail = detailOf(failed);
	if (failed.code === 'EAUTH')
		return new DeliveryFailed({ retry: !isPermanent(failed), certain: true, reason: 'config', detail });
	if (isAboutTls(failed)) return new DeliveryFailed({ retry: true, certain: true, reason: 'config', detail });
	if (failed.responseCode)
		return new DeliveryFailed({ retry: !isPermanent(failed), certain: true, reason: 'refused', detail });
	return new DeliveryFailed({ retry: !handedOver, certain: !handedOver, reason: 'unavailable', detail });
}

/** For the self-test, which sends nothing. */
export function testFailureOf(error: unknown): PluginFailure {
	if (error instanceof PluginFailure) return error;
	const failed = error as SmtpError;
	const config = failed.code === 'EAUTH' || isAboutTls(failed) || Boolean(failed.responseCode);
	return new PluginFailure(config ? 'config' : 'unavailable', detailOf(failed));
}
