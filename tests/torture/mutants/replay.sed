# What a Redis that took over has forgotten is not told again.
s/^    if not is_known(s, epoch, rev) then$/    if false then/
