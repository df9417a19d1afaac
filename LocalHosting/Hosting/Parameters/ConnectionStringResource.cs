using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>A connection string that is put together from other values.</summary>
public sealed class ConnectionStringResource : Resource, IResourceWithConnectionString, IResourceWithWaitSupport
{
    private readonly string? _environmentVariable;

    /// <summary>Makes the resource.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="connectionStringExpression">How the connection string is put together.</param>
    public ConnectionStringResource(string name, ReferenceExpression connectionStringExpression)
        : this(name, connectionStringExpression, null)
    {
    }

    internal ConnectionStringResource(string name, ReferenceExpression connectionStringExpression, string? environmentVariable)
        : base(name)
    {
        ConnectionStringExpression = connectionStringExpression;
        _environmentVariable = environmentVariable;
    }

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression { get; }

    string? IResourceWithConnectionString.ConnectionStringEnvironmentVariable => _environmentVariable;
}

/// <summary>Adds connection strings that are put together from other values.</summary>
public static class ConnectionStringBuilderExtensions
{
    /// <summary>Adds a connection string.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">Its name.</param>
    /// <param name="connectionStringExpression">How it is put together.</param>
    /// <returns>The resource.</returns>
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, ReferenceExpression connectionStringExpression)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ConnectionStringResource(name, connectionStringExpression));
    }
}
