using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Aspire.Hosting.Servers.Postgres;

namespace Aspire.Hosting;

/// <summary>Adds streaming replicas to a PostgreSQL server.</summary>
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
        return application
            .AddPostgres(
                name,
                server.UserNameParameter is { } userName ? application.CreateResourceBuilder(userName) : null,
                application.CreateResourceBuilder(server.PasswordParameter),
                port)
            .WithAnnotation(new WorkloadAnnotation(context => new PostgresReplicaWorkload(context, server)))
            .WaitFor(primary);
    }
}
