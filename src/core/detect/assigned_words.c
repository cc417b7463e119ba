/* Names of passwords and keys in words of other languages, as notes, mails and forms have them: "Пароль: …",
 * "كلمة المرور: …", "| 密钥 | … |". The words say what follows, so nothing else of the name is asked.
 * Capitals beyond ASCII are written out, since patterns are over bytes. */
#include "detect/assigned.h"

#include <hs/hs.h>

static void worded_password(sp_window *w, size_t head_end, sp_match *m)
{
    sp_assigned a;
    if (!sp_assigned__read(&a, w, head_end, m) || a.name_end != a.word_end) return;
    a.is_meant = true;
    if (sp_assigned__is_password(&a, w, m)) m->confidence = a.writing == SP_WRITING_QUOTED ? 80 : 75;
}

static void worded_secret(sp_window *w, size_t head_end, sp_match *m)
{
    sp_assigned a;
    if (!sp_assigned__read(&a, w, head_end, m) || a.name_end != a.word_end) return;
    a.is_meant = true;
    if (sp_assigned__is_secret(&a, w)) m->confidence = 80;
}

/* Cyrillic; Greek; of the South and East; in Latin letters with accents; in plain ones, as whole words. */
#define PASSWORD_CYRILLIC "(?:П|п)арол(?:ь|я|а|ем)|ПАРОЛЬ|(?:Г|г)асло|(?:Л|л)озинка|(?:Ш|ш)ифра"
#define PASSWORD_GREEK "(?:Κ|κ)ωδικός(?: πρόσβασης)?|(?:Σ|σ)υνθηματικό"
#define PASSWORD_SEMITIC                                                                        \
    "كلمة المرور|كلمة مرور|كلمة السر|كلمة سر|"                  \
    "الرقم السري|رمز عبور|گذرواژه|پاس ورڈ|סיסמה|סיסמא|" \
    "סיסמת"
#define PASSWORD_EAST                                                                      \
    "密碼|暗証番号|암호|패스워드|비번|पासवर्ड|"                \
    "कूटशब्द|পাসওয়ার্ড|கடவுச்சொல்|" \
    "รหัสผ่าน"
#define PASSWORD_ACCENTS                                                                      \
    "mật khẩu|parolă|(?:š|Š)ifra|Şifre|ŞİFRE|palavra-passe|salasõna|slaptažodis|" \
    "lykilorð|fjalëkalimi|contrasenya|heslá"
#define PASSWORD_PLAIN                                                                                     \
    "\\b(?:mat khau|kata ?sandi|kata laluan|sandi|lozinka|sifra|sifre|zaporka|geslo|palavra passe|parola " \
    "d'ordine|parola chiave|parool|parole|slaptazodis|kodeord|contrasena|mdp|codice "                      \
    "segreto|nenosiri|pasahitza)"

#define KEY_CYRILLIC                                                            \
    "(?:К|к)люч (?:API|доступ(?:а|у)|к API)|API-?(?: |)ключ|" \
    "(?:С|с)екретн(?:ый|ий) ключ|(?:Т|т)аен ключ|"     \
    "(?:Т|т)ајни кључ|(?:Т|т)окен(?: доступ(?:а|у))?"
#define KEY_GREEK "(?:Μ|μ)υστικό κλειδί|(?:Κ|κ)λειδί API"
#define KEY_SEMITIC                                                              \
    "المفتاح السري|رمز الوصول|مفتاح API|کلید API|" \
    "کلید محرمانه|מפתח סודי|מפתח API|אסימון"
#define KEY_EAST                                                                       \
    "密钥|密鑰|金鑰|令牌|秘密鍵|秘密キー|APIキー|アクセスキー|" \
    "トークン|비밀 ?키|API ?키|토큰|गुप्त कुंजी|"        \
    "API कुंजी|टोकन|คีย์ลับ|โทเค็น|"       \
    "คีย์ API"
#define KEY_LATIN                                                                                      \
    "klucz(?: api| tajny)|tajny klucz|kl(?:í|i)č api|api kl(?:í|i)č|"                              \
    "tajn(?:ý|y) kl(?:í|i)č|tajni klju(?:č|c)|skrivni klju(?:č|c)|"                               \
    "chei(?:e|a) (?:api|secret(?:ă|a))|gizli anahtar|api anahtar(?:ı|i)|"                            \
    "kh(?:ó|o)a (?:api|b(?:í|i) m(?:ậ|a)t)|kunci (?:api|rahasia)|api-schl(?:ü|ue)ssel|"           \
    "geheimer schl(?:ü|ue)ssel|zugangsschl(?:ü|ue)ssel|"                                             \
    "cl(?:é|e) (?:api|d'api|secr(?:è|e)te)|clave (?:api|secreta)|chave (?:de )?api|"                 \
    "chave secreta|chiave (?:api|segreta)|api-sleutel|geheime sleutel|api-nyckel|"                     \
    "hemlig nyckel|api-n(?:ø|o)gle|api-n(?:ø|o)kkel|slaptas raktas|titkos kulcs|api kulcs|token de " \
    "acceso|token di accesso|jeton d'acc(?:è|e)s|"                                                    \
    "\\bsekret"

static const sp_example password_examples[] = {
    "Пароль: [k3Lq9Zt2]\n",
    "كلمة المرور: [Gr8twall99]\n",
    "| סיסמה | [k3Lq9Zt2x7] |\n",
    "**Κωδικός:** [Sommer2024!]\n",
    "Пароль от почты: [Pa55-w0rt]\n",
    "รหัสผ่าน: [x1y2z3w4]\n",
    "Mật khẩu là [k3Lq9Zt2]",
    "see\nKata sandi - [k3Lq9Zt2x7]\n",
    "Пароль: введите\n",
    "Забыли пароль? Напишите нам: help2",
    "SanDisk: x1y2z3w4",
    "| סיסמה | string |\n",
    "Kata sandi: <kata-sandi>\n",
    "รหัสผ่าน: ${PASSWORD}\n",
    NULL,
};

static const sp_example secret_examples[] = {
    "Ключ API: [4f8a2c91d07b4e3f9a6c5d18e2b7f034]\n",
    "密钥：[Xk28dLmQpz71JvR0tW93]\n",
    "API-Schlüssel: [k29dj3md8shq7wbz4x0n]\n",
    "**Clé API** : `[Zq8w3Lx91kVbN7tY2p4R]`\n",
    "| 비밀 키 | [4f8a2c91d07b4e3f9a6c5d18e2b7f034] |\n",
    "Ключ API: пришлите мне\n",
    "密钥：your_api_key_goes_here\n",
    "API-Schlüssel: siehe Handbuch\n",
    "Clé API: <votre-cle-api-2024-x9>\n",
    "토큰: type\n",
    NULL,
};

#define WORDED(title, id, pattern, function, list)                                                         \
    {                                                                                                      \
        .name = (title), .kind = SP_KIND_##id, .head = (pattern), .flags = HS_FLAG_CASELESS,               \
        .validate = (function), .head_max = 0, .longest = SP_VALUE_MAX, .least = 60,                       \
        .source = "Unicode CLDR and the forms of operating systems in these languages", .examples = (list) \
    }

static const sp_row rows[] = {
    WORDED("worded-password", PASSWORD,
           PASSWORD_CYRILLIC "|" PASSWORD_GREEK "|" PASSWORD_SEMITIC "|" PASSWORD_EAST "|" PASSWORD_ACCENTS
                             "|" PASSWORD_PLAIN,
           worded_password, password_examples),
    WORDED("worded-secret", API_KEY, KEY_CYRILLIC "|" KEY_GREEK "|" KEY_SEMITIC "|" KEY_EAST "|" KEY_LATIN,
           worded_secret, secret_examples),
};

const sp_family sp_family_words_for_secrets = {rows, sizeof rows / sizeof rows[0]};
