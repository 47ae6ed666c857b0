# Where users of this host find its pool.
if [ -S /run/rigel/rigel.sock ]; then
    export RIGEL_SOCKET=/run/rigel/rigel.sock
fi
