namespace Aspire.Hosting;

/// <summary>
/// How a node comes up in a container of the official image. It is all in the arguments: mounted files are treated differently by each
/// publisher. The scripts hold plain <c>$VAR</c> alone, as Compose, azd and Helm each give braces a meaning of their own.
/// </summary>
internal static class PostgresBootstrap
{
    public const string Shell = "/bin/bash";

    // The image runs what is in this folder once, when it makes the cluster. Its own line for other hosts leaves replication out.
    private const string AllowReplication =
        """echo "echo host replication all all scram-sha-256 >> $PGDATA/pg_hba.conf" > /docker-entrypoint-initdb.d/replication.sh""";

    // -R writes down where the primary is, and with which password.
    private const string CopyPrimary =
        """
        if [ ! -s "$PGDATA/PG_VERSION" ]; then
        mkdir -p "$PGDATA"; chown postgres "$PGDATA"; chmod 700 "$PGDATA"; export PGPASSWORD="$POSTGRES_PASSWORD";
        until gosu postgres pg_basebackup -h "$PRIMARY_HOST" -p "$PRIMARY_PORT" -U "$POSTGRES_USER" -D "$PGDATA" -X stream -R;
        do echo "The primary does not answer yet."; rm -rf "$PGDATA"/*; sleep 1; done; fi
        """;

    public static void StartPrimary(PostgresServerResource primary)
    {
        if (!primary.HasAnnotationOfType<OwnSettings>())
            Wrap(primary, $"{AllowReplication}; exec docker-entrypoint.sh postgres", inherited: []);
    }

    /// <summary>A standby needs settings at least as high as its primary's, so it has the same ones, and then its own.</summary>
    public static void StartReplica(PostgresServerResource replica, PostgresServerResource primary) =>
        Wrap(
            replica,
            $"{CopyPrimary.ReplaceLineEndings(" ")}; exec docker-entrypoint.sh postgres -c cluster_name={replica.Name}",
            primary.Annotations.OfType<OwnSettings>().Single().Callbacks);

    /// <summary>Puts the server's settings behind the script that starts it: as arguments of their own the shell would not see them.</summary>
    private static void Wrap(PostgresServerResource server, string script, IReadOnlyList<CommandLineArgsCallbackAnnotation> inherited)
    {
        CommandLineArgsCallbackAnnotation[] own = [.. server.Annotations.OfType<CommandLineArgsCallbackAnnotation>()];
        foreach (var annotation in own)
            server.Annotations.Remove(annotation);
        server.Annotations.Add(new OwnSettings(own));
        server.Annotations.Add(new CommandLineArgsCallbackAnnotation(async context =>
        {
            var settings = new List<object>();
            foreach (var annotation in inherited.Concat(own))
            {
                await annotation.Callback(new CommandLineArgsCallbackContext(settings, server, context.CancellationToken)
                {
                    ExecutionContext = context.ExecutionContext,
                });
            }

            context.Args.Add("-c");
            context.Args.Add($"{script} {string.Join(' ', settings.Select(Quote))}".TrimEnd());
        }));
    }

    private static string Quote(object setting) => setting is string text
        ? $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'"
        : throw new DistributedApplicationException("The settings of a PostgreSQL server with replicas have to be plain text.");

    private sealed record OwnSettings(IReadOnlyList<CommandLineArgsCallbackAnnotation> Callbacks) : IResourceAnnotation;
}
