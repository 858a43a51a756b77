# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_waymark_global_optspecs
    string join \n database-url= config= listen= ready-file= h/help V/version
end

function __fish_waymark_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_waymark_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_waymark_using_subcommand
    set -l cmd (__fish_waymark_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c waymark -n "__fish_waymark_needs_command" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_needs_command" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_needs_command" -l listen -d 'Address to serve on; port 0 takes a free one [env: WAYMARK_LISTEN] [default: 127.0.0.1:8080]' -r
complete -c waymark -n "__fish_waymark_needs_command" -l ready-file -d 'Write the base URL into this file once the service is ready' -r -F
complete -c waymark -n "__fish_waymark_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c waymark -n "__fish_waymark_needs_command" -s V -l version -d 'Print version'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "serve" -d 'Serve the API (the default)'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "token" -d 'Print an access token, and nothing else'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "client" -d 'Make, list and disable client applications, and give them new secrets'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "tenant" -d 'Make and list tenants'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "keys" -d 'List the keys that sign access tokens, and change to a new one'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "audit" -d 'Verify the audit log, and export it'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "migrate" -d 'Bring the database schema up to date'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "backup" -d 'Copy the SQLite database to a file, while the service runs'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "restore" -d 'Put a backup in the place of the SQLite database'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "openapi" -d 'Print the contract document (OpenAPI 3.1)'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "lessons" -d 'Import curriculum files into the database, and export them'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "check" -d 'Check curriculum files: the built-in ones, or a folder of that shape'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "diagnose" -d 'Tell which layer refused, from a response or from what a person saw'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "mcp" -d 'Offer tools to agents over the Model Context Protocol: which layer refused, lessons, quizzes'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "package" -d 'Quizzes and courses as packages for other learning systems (QTI, Common Cartridge), and back'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "health" -d 'Ask the service on this machine whether it can serve (exit code 0 or 1), as a container\'s health check does'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "doctor" -d 'Name what this installation leaves open: keys, files, database, disk, TLS; it changes nothing'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "man" -d 'Write the man pages to a folder'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c waymark -n "__fish_waymark_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand serve" -l listen -d 'Address to serve on; port 0 takes a free one [env: WAYMARK_LISTEN] [default: 127.0.0.1:8080]' -r
complete -c waymark -n "__fish_waymark_using_subcommand serve" -l ready-file -d 'Write the base URL into this file once the service is ready' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand serve" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand serve" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c waymark -n "__fish_waymark_using_subcommand token" -l scopes -d 'Scopes separated by spaces' -r
complete -c waymark -n "__fish_waymark_using_subcommand token" -l check -d 'Tell why the token in this file (- for standard input) is accepted or not, and make none' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand token" -l learner -d 'Make it a learner\'s own token; the learner is created if there is none of this id yet' -r
complete -c waymark -n "__fish_waymark_using_subcommand token" -l ttl -d 'How long it lasts: a number with s, m or h' -r
complete -c waymark -n "__fish_waymark_using_subcommand token" -l tenant -d 'The tenant' -r
complete -c waymark -n "__fish_waymark_using_subcommand token" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand token" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand token" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand client; and not __fish_seen_subcommand_from create list rotate origins disable help" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and not __fish_seen_subcommand_from create list rotate origins disable help" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand client; and not __fish_seen_subcommand_from create list rotate origins disable help" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand client; and not __fish_seen_subcommand_from create list rotate origins disable help" -f -a "create" -d 'Make a client; prints its id and its secret, which is shown only once'
complete -c waymark -n "__fish_waymark_using_subcommand client; and not __fish_seen_subcommand_from create list rotate origins disable help" -f -a "list" -d 'List clients: id, state, name, scopes, origins'
complete -c waymark -n "__fish_waymark_using_subcommand client; and not __fish_seen_subcommand_from create list rotate origins disable help" -f -a "rotate" -d 'Give a client a new secret, when the old one is lost or known to others; prints it this once'
complete -c waymark -n "__fish_waymark_using_subcommand client; and not __fish_seen_subcommand_from create list rotate origins disable help" -f -a "origins" -d 'Say from which origins a client\'s pages in browsers call, in the place of those before'
complete -c waymark -n "__fish_waymark_using_subcommand client; and not __fish_seen_subcommand_from create list rotate origins disable help" -f -a "disable" -d 'Disable a client; its tokens stop working within 5 seconds'
complete -c waymark -n "__fish_waymark_using_subcommand client; and not __fish_seen_subcommand_from create list rotate origins disable help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from create" -l scopes -d 'Scopes separated by spaces' -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from create" -l role -d 'The scopes of a role, beside those that are named: learner, instructor, analyst, author or administrator' -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from create" -l origin -d 'An origin of its pages in browsers, such as https://app.example.com; may be repeated' -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from create" -l tenant -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from create" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from create" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from create" -l public -d 'An app on people\'s devices, which can keep no secret: it gets tokens only for people who signed in at a registered issuer'
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from list" -l tenant -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from list" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from list" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from rotate" -l tenant -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from rotate" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from rotate" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from origins" -l tenant -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from origins" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from origins" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from origins" -l none -d 'Its pages are in no browser'
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from origins" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from disable" -l tenant -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from disable" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from disable" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "create" -d 'Make a client; prints its id and its secret, which is shown only once'
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "list" -d 'List clients: id, state, name, scopes, origins'
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Give a client a new secret, when the old one is lost or known to others; prints it this once'
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "origins" -d 'Say from which origins a client\'s pages in browsers call, in the place of those before'
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "disable" -d 'Disable a client; its tokens stop working within 5 seconds'
complete -c waymark -n "__fish_waymark_using_subcommand client; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and not __fish_seen_subcommand_from create list suspend resume quota help" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and not __fish_seen_subcommand_from create list suspend resume quota help" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and not __fish_seen_subcommand_from create list suspend resume quota help" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and not __fish_seen_subcommand_from create list suspend resume quota help" -f -a "create" -d 'Make a tenant and its administrator client; prints the client\'s id and secret'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and not __fish_seen_subcommand_from create list suspend resume quota help" -f -a "list" -d 'List tenants: id, name, and whether it is suspended'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and not __fish_seen_subcommand_from create list suspend resume quota help" -f -a "suspend" -d 'Suspend a tenant: nobody of it is let in any more, within 5 seconds; what it has stays'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and not __fish_seen_subcommand_from create list suspend resume quota help" -f -a "resume" -d 'Let a suspended tenant in again'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and not __fish_seen_subcommand_from create list suspend resume quota help" -f -a "quota" -d 'Show a tenant\'s quotas, or set some of them'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and not __fish_seen_subcommand_from create list suspend resume quota help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from create" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from create" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from list" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from list" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from suspend" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from suspend" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from suspend" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from resume" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from resume" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from quota" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from quota" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from quota" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "create" -d 'Make a tenant and its administrator client; prints the client\'s id and secret'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "list" -d 'List tenants: id, name, and whether it is suspended'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "suspend" -d 'Suspend a tenant: nobody of it is let in any more, within 5 seconds; what it has stays'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "resume" -d 'Let a suspended tenant in again'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "quota" -d 'Show a tenant\'s quotas, or set some of them'
complete -c waymark -n "__fish_waymark_using_subcommand tenant; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand keys; and not __fish_seen_subcommand_from list rotate help" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand keys; and not __fish_seen_subcommand_from list rotate help" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand keys; and not __fish_seen_subcommand_from list rotate help" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand keys; and not __fish_seen_subcommand_from list rotate help" -f -a "list" -d 'List the keys: id, algorithm, state, from when it signs, until when its tokens are good'
complete -c waymark -n "__fish_waymark_using_subcommand keys; and not __fish_seen_subcommand_from list rotate help" -f -a "rotate" -d 'Make a new key; it is published now and signs after a while, so that everybody knows it by then'
complete -c waymark -n "__fish_waymark_using_subcommand keys; and not __fish_seen_subcommand_from list rotate help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand keys; and __fish_seen_subcommand_from list" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand keys; and __fish_seen_subcommand_from list" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand keys; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l algorithm -d 'How it signs' -r -f -a "EdDSA\t'Ed25519 (RFC 8037)'
ES256\t'ECDSA on P-256 (RFC 7518, section 3.4)'
RS256\t'RSA with 2048 bits, PKCS #1 v1.5 (RFC 7518, section 3.3), for verifiers that know nothing else'"
complete -c waymark -n "__fish_waymark_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand keys; and __fish_seen_subcommand_from rotate" -l compromised -d 'A key became known to others: the new one signs at once, and every token of the keys before is refused from now on'
complete -c waymark -n "__fish_waymark_using_subcommand keys; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c waymark -n "__fish_waymark_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the keys: id, algorithm, state, from when it signs, until when its tokens are good'
complete -c waymark -n "__fish_waymark_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Make a new key; it is published now and signs after a while, so that everybody knows it by then'
complete -c waymark -n "__fish_waymark_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand audit; and not __fish_seen_subcommand_from verify export help" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand audit; and not __fish_seen_subcommand_from verify export help" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand audit; and not __fish_seen_subcommand_from verify export help" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand audit; and not __fish_seen_subcommand_from verify export help" -f -a "verify" -d 'Follow every tenant\'s chain of entries: prints tenant, number of entries and the last hash'
complete -c waymark -n "__fish_waymark_using_subcommand audit; and not __fish_seen_subcommand_from verify export help" -f -a "export" -d 'Print a tenant\'s entries as JSON lines, in the order of the chain'
complete -c waymark -n "__fish_waymark_using_subcommand audit; and not __fish_seen_subcommand_from verify export help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand audit; and __fish_seen_subcommand_from verify" -l tenant -d 'Only this tenant' -r
complete -c waymark -n "__fish_waymark_using_subcommand audit; and __fish_seen_subcommand_from verify" -l noted -d 'An entry that was noted before, as NUMBER:HASH; the tenant\'s chain must still have it' -r
complete -c waymark -n "__fish_waymark_using_subcommand audit; and __fish_seen_subcommand_from verify" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand audit; and __fish_seen_subcommand_from verify" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c waymark -n "__fish_waymark_using_subcommand audit; and __fish_seen_subcommand_from export" -l tenant -r
complete -c waymark -n "__fish_waymark_using_subcommand audit; and __fish_seen_subcommand_from export" -l after -d 'Only those behind this number' -r
complete -c waymark -n "__fish_waymark_using_subcommand audit; and __fish_seen_subcommand_from export" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand audit; and __fish_seen_subcommand_from export" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand audit; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Follow every tenant\'s chain of entries: prints tenant, number of entries and the last hash'
complete -c waymark -n "__fish_waymark_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "export" -d 'Print a tenant\'s entries as JSON lines, in the order of the chain'
complete -c waymark -n "__fish_waymark_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand migrate" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand migrate" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand migrate" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand backup" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand backup" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand backup" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand restore" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand restore" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand restore" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand openapi" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand openapi" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand openapi" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and not __fish_seen_subcommand_from import export help" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and not __fish_seen_subcommand_from import export help" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and not __fish_seen_subcommand_from import export help" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and not __fish_seen_subcommand_from import export help" -f -a "import" -d 'Publish a folder of curriculum files, all of it or nothing'
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and not __fish_seen_subcommand_from import export help" -f -a "export" -d 'Write a published course as curriculum files'
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and not __fish_seen_subcommand_from import export help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from import" -l tenant -d 'Publish for this tenant alone; absent means for all tenants' -r
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from import" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from import" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from import" -l dry-run -d 'Only tell what would change, and change nothing'
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from export" -l tenant -d 'Export what this tenant alone has; absent means what all tenants read' -r
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from export" -l course -d 'Which course, where there are several' -r
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from export" -l lesson -d 'Only the folder of this lesson, without course.yaml; may be repeated' -r
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from export" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from export" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from export" -l force -d 'Replace files of the same names in a folder that is not empty; its other files stay'
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from help" -f -a "import" -d 'Publish a folder of curriculum files, all of it or nothing'
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write a published course as curriculum files'
complete -c waymark -n "__fish_waymark_using_subcommand lessons; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand check" -l seed -d 'Also report sentences that share six words in a row with this text file' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand check" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand check" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand check" -l json -d 'Print findings and estimates as JSON'
complete -c waymark -n "__fish_waymark_using_subcommand check" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand diagnose" -l provider -d 'Who runs the model or the gateway' -r
complete -c waymark -n "__fish_waymark_using_subcommand diagnose" -l status -d 'The HTTP status' -r
complete -c waymark -n "__fish_waymark_using_subcommand diagnose" -l text -d 'The text that a person saw, or a file that holds it; without a value, FILE holds it' -r
complete -c waymark -n "__fish_waymark_using_subcommand diagnose" -l lessons -d 'A curriculum folder whose signals are used in place of the built-in ones, for authors' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand diagnose" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand diagnose" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand diagnose" -l json -d 'Print the verdict as JSON'
complete -c waymark -n "__fish_waymark_using_subcommand diagnose" -l jsonl -d 'Many at once: an evidence object per line in, a verdict per line out, in order'
complete -c waymark -n "__fish_waymark_using_subcommand diagnose" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand mcp" -l url -d 'The running service whose API is called; without it, what is compiled in answers [env: WAYMARK_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand mcp" -l token -d 'The access token for the service; in the environment other users of this machine cannot read it [env: WAYMARK_TOKEN]' -r
complete -c waymark -n "__fish_waymark_using_subcommand mcp" -l token-file -d 'A file with the access token, read at every call, so that it can be renewed' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand mcp" -l listen -d 'Serve streamable HTTP at this address, under /mcp, in place of standard input and output; port 0 takes a free one' -r
complete -c waymark -n "__fish_waymark_using_subcommand mcp" -l allow-host -d 'A name under which the HTTP server is reached, beside those of this machine; may be repeated' -r
complete -c waymark -n "__fish_waymark_using_subcommand mcp" -l allow-origin -d 'An origin whose pages may call the HTTP server from a browser, such as https://app.example.org:443; may be repeated' -r
complete -c waymark -n "__fish_waymark_using_subcommand mcp" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand mcp" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand mcp" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand package; and not __fish_seen_subcommand_from export import help" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand package; and not __fish_seen_subcommand_from export import help" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand package; and not __fish_seen_subcommand_from export import help" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand package; and not __fish_seen_subcommand_from export import help" -f -a "export" -d 'Write a quiz (qti3, qti21, qti12) or the course (cc13, cc11) into a package, with its keys'
complete -c waymark -n "__fish_waymark_using_subcommand package; and not __fish_seen_subcommand_from export import help" -f -a "import" -d 'Read a quiz from a package in QTI 3.0, 2.0 to 2.2 or 1.2, or from a Common Cartridge'
complete -c waymark -n "__fish_waymark_using_subcommand package; and not __fish_seen_subcommand_from export import help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from export" -l format -r -f -a "qti3\t'A quiz in QTI 3.0; the form that comes back whole'
qti21\t'A quiz in QTI 2.1'
qti12\t'A quiz in QTI 1.2, in the profile of Common Cartridge'
cc13\t'A whole course as Common Cartridge 1.3'
cc11\t'A whole course as Common Cartridge 1.1, which Moodle imports'"
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from export" -l lesson -d 'Slug or alias of the lesson; for qti3, qti21 and qti12' -r
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from export" -l language -d 'Language of the texts; the default is the lesson\'s or the course\'s' -r
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from export" -l from -d 'A folder with course.yaml; absent means the one of WAYMARK_LESSONS, else the built-in curriculum. What a service has published comes from its API: GET /v1/lessons/{slug}/package' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from export" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from export" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from export" -l json -d 'Print the report as JSON on standard output'
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from import" -l out -d 'Folder for quiz.yaml, made where it is missing; `-` or absent: standard output' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from import" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from import" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from import" -l json -d 'Print quiz and report as JSON on standard output'
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write a quiz (qti3, qti21, qti12) or the course (cc13, cc11) into a package, with its keys'
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from help" -f -a "import" -d 'Read a quiz from a package in QTI 3.0, 2.0 to 2.2 or 1.2, or from a Common Cartridge'
complete -c waymark -n "__fish_waymark_using_subcommand package; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand health" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand health" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand health" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c waymark -n "__fish_waymark_using_subcommand doctor" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand doctor" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand doctor" -l json -d 'Print the findings as JSON'
complete -c waymark -n "__fish_waymark_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand man" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand man" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand man" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand completions" -l database-url -d 'SQLite file or PostgreSQL server: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [env: DATABASE_URL]' -r
complete -c waymark -n "__fish_waymark_using_subcommand completions" -l config -d 'TOML file with configuration keys [env: WAYMARK_CONFIG]' -r -F
complete -c waymark -n "__fish_waymark_using_subcommand completions" -s h -l help -d 'Print help'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "serve" -d 'Serve the API (the default)'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "token" -d 'Print an access token, and nothing else'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "client" -d 'Make, list and disable client applications, and give them new secrets'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "tenant" -d 'Make and list tenants'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "keys" -d 'List the keys that sign access tokens, and change to a new one'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "audit" -d 'Verify the audit log, and export it'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "migrate" -d 'Bring the database schema up to date'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "backup" -d 'Copy the SQLite database to a file, while the service runs'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "restore" -d 'Put a backup in the place of the SQLite database'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "openapi" -d 'Print the contract document (OpenAPI 3.1)'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "lessons" -d 'Import curriculum files into the database, and export them'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "check" -d 'Check curriculum files: the built-in ones, or a folder of that shape'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "diagnose" -d 'Tell which layer refused, from a response or from what a person saw'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "mcp" -d 'Offer tools to agents over the Model Context Protocol: which layer refused, lessons, quizzes'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "package" -d 'Quizzes and courses as packages for other learning systems (QTI, Common Cartridge), and back'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "health" -d 'Ask the service on this machine whether it can serve (exit code 0 or 1), as a container\'s health check does'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "doctor" -d 'Name what this installation leaves open: keys, files, database, disk, TLS; it changes nothing'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "man" -d 'Write the man pages to a folder'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c waymark -n "__fish_waymark_using_subcommand help; and not __fish_seen_subcommand_from serve token client tenant keys audit migrate backup restore openapi lessons check diagnose mcp package health doctor man completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from client" -f -a "create" -d 'Make a client; prints its id and its secret, which is shown only once'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from client" -f -a "list" -d 'List clients: id, state, name, scopes, origins'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from client" -f -a "rotate" -d 'Give a client a new secret, when the old one is lost or known to others; prints it this once'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from client" -f -a "origins" -d 'Say from which origins a client\'s pages in browsers call, in the place of those before'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from client" -f -a "disable" -d 'Disable a client; its tokens stop working within 5 seconds'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from tenant" -f -a "create" -d 'Make a tenant and its administrator client; prints the client\'s id and secret'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from tenant" -f -a "list" -d 'List tenants: id, name, and whether it is suspended'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from tenant" -f -a "suspend" -d 'Suspend a tenant: nobody of it is let in any more, within 5 seconds; what it has stays'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from tenant" -f -a "resume" -d 'Let a suspended tenant in again'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from tenant" -f -a "quota" -d 'Show a tenant\'s quotas, or set some of them'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "list" -d 'List the keys: id, algorithm, state, from when it signs, until when its tokens are good'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "rotate" -d 'Make a new key; it is published now and signs after a while, so that everybody knows it by then'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "verify" -d 'Follow every tenant\'s chain of entries: prints tenant, number of entries and the last hash'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "export" -d 'Print a tenant\'s entries as JSON lines, in the order of the chain'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from lessons" -f -a "import" -d 'Publish a folder of curriculum files, all of it or nothing'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from lessons" -f -a "export" -d 'Write a published course as curriculum files'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from package" -f -a "export" -d 'Write a quiz (qti3, qti21, qti12) or the course (cc13, cc11) into a package, with its keys'
complete -c waymark -n "__fish_waymark_using_subcommand help; and __fish_seen_subcommand_from package" -f -a "import" -d 'Read a quiz from a package in QTI 3.0, 2.0 to 2.2 or 1.2, or from a Common Cartridge'
