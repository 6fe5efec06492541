/* ward.h - all of libward; each header below tells its own story */
#ifndef WARD_WARD_H
#define WARD_WARD_H

#include <ward/bank.h>
#include <ward/base.h>
#include <ward/box.h>
#include <ward/hash.h>
#include <ward/link.h>
#include <ward/media.h>
#include <ward/scan.h>
#include <ward/sharing.h>
#include <ward/site.h>
#include <ward/text.h>
#include <ward/tmk.h>
#include <ward/video.h>
#include <ward/view.h>
#include <ward/vpdq.h>

#endif
