using System.Globalization;

namespace Floodgate.AppHost;

/// <summary>Tells services which PostgreSQL nodes there are.</summary>
internal static class PostgresNodeExtensions
{
    /// <summary>
    /// Gives a service the primary's database, each replica as a connection string under the replica's name, and the list of the
    /// replicas' names as <c>Floodgate:Nodes:Replicas</c>.
    /// </summary>
    public static IResourceBuilder<T> WithPostgresNodes<T>(
        this IResourceBuilder<T> service,
        IResourceBuilder<PostgresDatabaseResource> primary,
        params IResourceBuilder<PostgresServerResource>[] replicas)
        where T : IResourceWithEnvironment, IResourceWithWaitSupport
    {
        service.WithReference(primary).WaitFor(primary);
        for (var i = 0; i < replicas.Length; i++)
        {
            var name = replicas[i].Resource.Name;
            service
                .WithEnvironment(string.Create(CultureInfo.InvariantCulture, $"Floodgate__Nodes__Replicas__{i}"), name)
                .WithEnvironment($"ConnectionStrings__{name}", ReferenceExpression.Create($"{replicas[i]};Database={primary.Resource.DatabaseName}"))
                .WithReferenceRelationship(replicas[i].Resource)
                .WaitFor(replicas[i]);
        }

        return service;
    }
}
