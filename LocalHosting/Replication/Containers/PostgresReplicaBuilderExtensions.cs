namespace Aspire.Hosting;

/// <summary>Adds streaming replicas to a PostgreSQL server, with what Aspire's containers offer: entrypoint, arguments, environment.</summary>
public static class PostgresReplicaBuilderExtensions
{
    /// <summary>
    /// Adds a server that streams everything from this one and answers reads. It has the same users, passwords and databases and runs
    /// with the same settings. Its connection string names no database: add <c>;Database=…</c>.
    /// </summary>
    /// <param name="primary">The server it streams from.</param>
    /// <param name="name">The resource's name, and the name under which the primary sees it.</param>
    /// <param name="port">The port others connect to; null for a free one.</param>
    /// <returns>The replica.</returns>
    public static IResourceBuilder<PostgresServerResource> AddPostgresReplica(
        this IResourceBuilder<PostgresServerResource> primary, [ResourceName] string name, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(primary);
        var application = primary.ApplicationBuilder;
        var server = primary.Resource;
        primary.WithEntrypoint(PostgresBootstrap.Shell);
        var replica = application
            .AddPostgres(
                name,
                server.UserNameParameter is { } userName ? application.CreateResourceBuilder(userName) : null,
                application.CreateResourceBuilder(server.PasswordParameter),
                port)
            .WithEntrypoint(PostgresBootstrap.Shell)
            .WithEnvironment("PRIMARY_HOST", ReferenceExpression.Create($"{server.Host}"))
            .WithEnvironment("PRIMARY_PORT", ReferenceExpression.Create($"{server.Port}"))

            // For a quiet start only: publishers drop it, and the replica tries until the primary answers.
            .WaitFor(primary);

        // When the model is complete, as settings may be added to either server after this.
        application.Eventing.Subscribe<BeforeStartEvent>((_, _) =>
        {
            PostgresBootstrap.StartPrimary(server);
            PostgresBootstrap.StartReplica(replica.Resource, server);
            return Task.CompletedTask;
        });
        return replica;
    }
}
