/*
 * network.h - the gate's rules in ward.conf (gate/gate.h)
 *
 *     profile "child" {              # built in: child, teen, adult; these change or add
 *             note_from = 25;        # a page's score from which it is noted
 *             block_from = 50;       # from which it is blocked, if scores may
 *             scores_block = no;     # is a score enough to block
 *             holds_block = yes;     # is a picture kept back that a person ought to see
 *     }
 *     group "class 7" {              # the first group that has somebody counts
 *             networks = [10.7.0.0/16, fd00:7::/64];
 *             users = [class7-*];
 *             profile = child;
 *     }
 *     site_rule "no games in lessons" {
 *             category = games;      # any of: list, category, class, group
 *             group = "class 7";
 *             days = mon-fri;
 *             hours = 08:00-15:30;
 *             answer = block;        # pass, note or block
 *     }
 */
#ifndef NETWORK_H
#define NETWORK_H

#include "gate/gate.h"
#include "workspace/conf.h"

/*
 * The rules of the tree; who is in no group has the profile of this name.  Everything lives in
 * the arena; nothing of the tree is borrowed.  An error says the line and what to write instead.
 */
ward_err network_rules_read(const struct conf_node *first, ward_str profile,
		struct ward_arena *arena, const struct gate_rules **rules,
		struct ward_error *error) WARD_MUST_USE;

/* Is it a section that is read here? */
bool network_is_section(const struct conf_node *node);

#endif
