/** The API, by name: a list and nothing else. Each procedure's guard says who may call it. */
import { createApp } from './procedures/apps/create-app';
import { deleteApp } from './procedures/apps/delete-app';
import { getApp } from './procedures/apps/get-app';
import { listApps } from './procedures/apps/list-apps';
import { updateApp } from './procedures/apps/update-app';
import { uploadLogo } from './procedures/apps/upload-logo';
import { listAuditEvents } from './procedures/audit/list-audit-events';
import { completeRegistration } from './procedures/auth/complete-registration';
import { joinExternal } from './procedures/auth/join-external';
import { listMethods } from './procedures/auth/list-methods';
import { passkeyOptions, signInWithPasskey } from './procedures/auth/passkey';
import { proveJoining } from './procedures/auth/prove-joining';
import { register } from './procedures/auth/register';
import { resetPassword } from './procedures/auth/reset-password';
import { beginScan } from './procedures/auth/scan/begin-scan';
import { collectScan } from './procedures/auth/scan/collect-scan';
import { confirmScan, denyScan, openScan } from './procedures/auth/scan/confirm-scan';
import { watchScan } from './procedures/auth/scan/watch-scan';
import { sendCode } from './procedures/auth/send-code';
import { signInWithCode } from './procedures/auth/sign-in-with-code';
import { signInWithTicket } from './procedures/auth/sign-in-with-ticket';
import { signIn } from './procedures/auth/sign-in';
import { signOut } from './procedures/auth/sign-out';
import { verifyEmail } from './procedures/auth/verify-email';
import { applyConfig } from './procedures/config/apply-config';
import { createClient } from './procedures/clients/create-client';
import { deleteClient } from './procedures/clients/delete-client';
import { getClient } from './procedures/clients/get-client';
import { listClients } from './procedures/clients/list-clients';
import { rotateClientSecret } from './procedures/clients/rotate-client-secret';
import { updateClient } from './procedures/clients/update-client';
import { getForm } from './procedures/connectors/get-form';
import { listConnectors } from './procedures/connectors/list-connectors';
import { saveConnector } from './procedures/connectors/save-connector';
import { testConnector } from './procedures/connectors/test-connector';
import { changeEmail } from './procedures/me/change-email';
import { becomeUser } from './procedures/me/become-user';
import { changePassword } from './procedures/me/change-password';
import { confirmNewEmail } from './procedures/me/confirm-new-email';
import { endOtherSessions } from './procedures/me/end-other-sessions';
import { endSession } from './procedures/me/end-session';
import { getProfile } from './procedures/me/get-profile';
import { linkPending, linkTicket, listIdentities, unlinkIdentity } from './procedures/me/identities';
import { beginScanToLink, linkScan } from './procedures/me/link-by-scan';
import { addPasskey, listPasskeys, newPasskeyOptions, removePasskey } from './procedures/me/passkeys';
import { listConsents } from './procedures/me/list-consents';
import { listSessions } from './procedures/me/list-sessions';
import { removeEmail, removePhone } from './procedures/me/remove-address';
import { revokeConsent } from './procedures/me/revoke-consent';
import { updateProfile } from './procedures/me/update-profile';
import { listMessages } from './procedures/messages/list-messages';
import { readMessage } from './procedures/messages/read-message';
import { saveWords } from './procedures/messages/save-words';
import { testMessage } from './procedures/messages/test-message';
import { addOperator } from './procedures/operators/add-operator';
import { listOperators } from './procedures/operators/list-operators';
import { removeOperator } from './procedures/operators/remove-operator';
import { resetOperatorPassword } from './procedures/operators/reset-operator-password';
import { approvePlugin, listPlugins, revokePlugin } from './procedures/plugins/review-plugins';
import { deleteRole } from './procedures/roles/delete-role';
import { listRoles } from './procedures/roles/list-roles';
import { getSenders } from './procedures/senders/get-senders';
import { listSenders } from './procedures/senders/list-senders';
import { saveSenders } from './procedures/senders/save-senders';
import { testAlert } from './procedures/senders/test-alert';
import { createUser } from './procedures/users/create-user';
import { deleteUser } from './procedures/users/delete-user';
import { getUser } from './procedures/users/get-user';
import { listUsers } from './procedures/users/list-users';
import { listMerges, undoMerge } from './procedures/users/merges';
import { sendRecovery } from './procedures/users/send-recovery';
import { setPassword } from './procedures/users/set-password';
import { signOutUser } from './procedures/users/sign-out-user';
import { updateUser } from './procedures/users/update-user';
import {
	listUserIdentities,
	listUserPasskeys,
	removeUserPasskey,
	unlinkUserIdentity,
} from './procedures/users/ways-in';

export const procedures = {
	auth: {
		methods: listMethods,
		register,
		completeRegistration,
		signIn,
		signInWithCode,
		signInWithTicket,
		joinExternal,
		proveJoining,
		passkeyOptions,
		signInWithPasskey,
		scan: {
			begin: beginScan,
			watch: watchScan,
			collect: collectScan,
			open: openScan,
			confirm: confirmScan,
			deny: denyScan,
		},
		signOut,
		sendCode,
		resetPassword,
		verifyEmail,
	},
	me: {
		get: getProfile,
		update: updateProfile,
		changePassword,
		becomeUser,
		changeEmail,
		confirmNewEmail,
		removeEmail,
		removePhone,
		sessions: { list: listSessions, end: endSession, endOthers: endOtherSessions },
		identities: {
			list: listIdentities,
			linkTicket,
			linkPending,
			beginScan: beginScanToLink,
			linkScan,
			unlink: unlinkIdentity,
		},
		passkeys: {
			list: listPasskeys,
			options: newPasskeyOptions,
			add: addPasskey,
			remove: removePasskey,
		},
		consents: { list: listConsents, revoke: revokeConsent },
	},
	admin: {
		apps: {
			list: listApps,
			get: getApp,
			create: createApp,
			update: updateApp,
			delete: deleteApp,
			uploadLogo,
		},
		users: {
			list: listUsers,
			get: getUser,
			create: createUser,
			update: updateUser,
			setPassword,
			sendRecovery,
			signOutEverywhere: signOutUser,
			delete: deleteUser,
			identities: { list: listUserIdentities, unlink: unlinkUserIdentity },
			passkeys: { list: listUserPasskeys, remove: removeUserPasskey },
			merges: { list: listMerges, undo: undoMerge },
		},
		connectors: { list: listConnectors, form: getForm, save: saveConnector, test: testConnector },
		clients: {
			list: listClients,
			get: getClient,
			create: createClient,
			update: updateClient,
			rotateSecret: rotateClientSecret,
			delete: deleteClient,
		},
		plugins: { list: listPlugins, approve: approvePlugin, revoke: revokePlugin },
		roles: { list: listRoles, delete: deleteRole },
		messages: { list: listMessages, read: readMessage, saveWords, test: testMessage },
		senders: { list: listSenders, get: getSenders, save: saveSenders, testAlert },
		operators: {
			list: listOperators,
			add: addOperator,
			remove: removeOperator,
			resetPassword: resetOperatorPassword,
		},
		audit: { list: listAuditEvents },
		config: { apply: applyConfig },
	},
};
