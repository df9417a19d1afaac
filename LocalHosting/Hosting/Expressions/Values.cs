namespace Aspire.Hosting.ApplicationModel;

/// <summary>Has a value that is known when the application starts.</summary>
public interface IValueProvider
{
    /// <summary>Gets the value.</summary>
    /// <param name="cancellationToken">Ends the computation.</param>
    /// <returns>The value.</returns>
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);

    /// <summary>Gets the value as one resource sees it. Processes of one machine all see the same.</summary>
    /// <param name="context">Who asks.</param>
    /// <param name="cancellationToken">Ends the computation.</param>
    /// <returns>The value.</returns>
    ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) =>
        GetValueAsync(cancellationToken);
}

/// <summary>Who asks for a value.</summary>
public class ValueProviderContext
{
    /// <summary>The resource that asks.</summary>
    public IResource? Caller { get; init; }

    /// <summary>Whether the application runs or is published.</summary>
    public DistributedApplicationExecutionContext? ExecutionContext { get; init; }
}

/// <summary>Has a form for a deployment manifest.</summary>
public interface IManifestExpressionProvider
{
    /// <summary>The form, for example <c>{redis.connectionString}</c>.</summary>
    string ValueExpression { get; }
}

/// <summary>Has a value and a form for a deployment manifest.</summary>
public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;

/// <summary>Is computed from other things.</summary>
public interface IValueWithReferences
{
    /// <summary>What it is computed from.</summary>
    IEnumerable<object> References { get; }
}

/// <summary>A resource that is reached by a connection string.</summary>
public interface IResourceWithConnectionString : IResource, IExpressionValue, IValueWithReferences
{
    /// <summary>How the connection string is put together.</summary>
    ReferenceExpression ConnectionStringExpression { get; }

    /// <summary>The environment variable that takes it; null for <c>ConnectionStrings__{name}</c>.</summary>
    string? ConnectionStringEnvironmentVariable => null;

    /// <summary>Gets the connection string.</summary>
    /// <param name="cancellationToken">Ends the computation.</param>
    /// <returns>The connection string.</returns>
    ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
        ConnectionStringExpression.GetValueAsync(cancellationToken);

    /// <summary>The connection string's parts, which a reference gives as <c>{NAME}_{PROPERTY}</c>.</summary>
    /// <returns>Name and value.</returns>
    IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => [];

    string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

    IEnumerable<object> IValueWithReferences.References => [ConnectionStringExpression];

    ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetConnectionStringAsync(cancellationToken);
}
