/* privacy.h -- one person: "customers export" and "customers forget". */
#ifndef RB_CLIENT_PRIVACY_H
#define RB_CLIENT_PRIVACY_H

#include "client/cmd.h"

verb_run privacy_export, privacy_forget;

#endif
