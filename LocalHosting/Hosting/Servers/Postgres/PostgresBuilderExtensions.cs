using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running;
using Aspire.Hosting.Servers;
using Aspire.Hosting.Servers.Postgres;

namespace Aspire.Hosting;

/// <summary>Adds PostgreSQL to an application.</summary>
public static class PostgresBuilderExtensions
{
    private const string DataPath = "/var/lib/postgresql/data";

    /// <summary>Adds a PostgreSQL server. Arguments added to it (<c>-c setting=value</c>) are the server's.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="userName">The superuser's name; null for <c>postgres</c>.</param>
    /// <param name="password">The superuser's password; null for a generated one that is kept with the data.</param>
    /// <param name="port">The port others connect to; null for a free one.</param>
    /// <returns>The server.</returns>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password");
        return builder.AddResource(new PostgresServerResource(name, userName?.Resource, secret))
            .WithEndpoint(port: port, targetPort: 5432, name: PostgresServerResource.PrimaryEndpointName)
            .WithEndpoint(PostgresServerResource.PrimaryEndpointName, endpoint => endpoint.TargetHost = "127.0.0.1")
            .WithAnnotation(new WorkloadAnnotation(context => new PostgresWorkload(context)));
    }

    /// <summary>Adds a database, which is made when the server is ready.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="databaseName">Its name in the server; null for the resource's name.</param>
    /// <returns>The database.</returns>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder, [ResourceName] string name, string? databaseName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.AddDatabase(name, database.DatabaseName);
        return builder.ApplicationBuilder.AddResource(database);
    }

    /// <summary>Keeps the server's data between runs.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">Kept for the interface: the data is in the application's data folder.</param>
    /// <param name="isReadOnly">Kept for the interface.</param>
    /// <returns>The server.</returns>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(
        this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) =>
        ServerData.WithVolume(builder, name, DataPath, isReadOnly);

    /// <summary>Gives the server a fixed port.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="port">The port; null for a free one.</param>
    /// <returns>The server.</returns>
    public static IResourceBuilder<PostgresServerResource> WithHostPort(this IResourceBuilder<PostgresServerResource> builder, int? port) =>
        builder.WithEndpoint(PostgresServerResource.PrimaryEndpointName, endpoint => endpoint.Port = port);
}
