namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Says which requests may be repeated.</summary>
public static class HttpRetryStrategyOptionsExtensions
{
    /// <summary>Never repeats POST, PATCH, PUT, DELETE and CONNECT.</summary>
    /// <param name="options">The retry options.</param>
    public static void DisableForUnsafeHttpMethods(this HttpRetryStrategyOptions options) =>
        options.DisableFor(HttpMethod.Delete, HttpMethod.Post, HttpMethod.Put, HttpMethod.Connect, HttpMethod.Patch);

    /// <summary>Never repeats the given methods.</summary>
    /// <param name="options">The retry options.</param>
    /// <param name="methods">At least one method.</param>
    public static void DisableFor(this HttpRetryStrategyOptions options, params HttpMethod[] methods)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(methods);
        if (methods.Length == 0)
            throw new ArgumentException("Name at least one method.", nameof(methods));

        var inner = options.ShouldHandle;
        options.ShouldHandle = async args =>
            await inner(args)
            && !(args.Context.Properties.TryGetValue(ResilienceHandler.Request, out var request) && methods.Contains(request.Method));
    }
}
