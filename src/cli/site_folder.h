/* The folder of a site: what `mizan site init` writes and `mizan desk` reads.
 *
 *   site.ini            name, kind, address and port, pack, report, ports, uids
 *   root.pub            sign/site.h; owned by root: the watch reads it itself
 *   roster.json         the roster's envelope
 *   roster-endorsement.json   live sites: the oversight body's statement on it
 *   site-key            seals the keyring and the log's key (or the systemd credential of that name)
 *   ca.pem server.pem server.key
 *   site.db, keyring, log-key, log-key.pub      made by ledger_make
 *   offline/            root.key and ca.key: to be carried away from the machine */
#pragma once

#include "base/config.h"
#include "base/crypto.h"
#include "govern/witness.h"
#include "sign/site.h"

struct site_folder {
    char *path; /* owned */
    struct config *config;
    char name[64];
    enum site_kind kind;
    struct site_keys keys;
    uint8_t site_key[DATA_KEY_SIZE];
};

bool site_folder_open(const char *path, struct site_folder *out, struct error *err);
void site_folder_done(struct site_folder *folder);
/* Heap text: a file of the folder. */
char *site_folder_file(const struct site_folder *folder, const char *name);
bool site_folder_roster(const struct site_folder *folder, struct roster **out, struct error *err);
/* The witness that site.ini names, borrowed from the folder; out->address is NULL when it names none. */
bool site_folder_witness(const struct site_folder *folder, uint8_t key[static PUBLIC_KEY_SIZE],
    struct witness_options *out, struct error *err);
/* The oversight body's statement on the roster; NULL on a demo site. */
bool site_folder_endorsement(const struct site_folder *folder, struct envelope **out, struct error *err);
