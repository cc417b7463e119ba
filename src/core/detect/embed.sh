#!/bin/sh
# embed.sh MODEL.bin...  writes C whose object holds these files as they are: the program needs no path to find them.
# The digests are there so that another file makes another source, and the object is made anew.
set -eu
cat <<END
/* Made by embed.sh: sp_model_file_NAME to sp_model_file_NAME_end is a file of share/models. */
END
for path; do
    name=sp_model_file_$(basename "$path" .bin)
    cat <<END
/* $(sha256sum <"$path") */
__asm__(".section .rodata;"
        ".balign 64;"
        ".global $name; .hidden $name; $name:;"
        ".incbin \"$path\";"
        ".global ${name}_end; .hidden ${name}_end; ${name}_end:;"
        ".previous");
END
done
