namespace Floodgate.Bench.Gateway;

/// <summary>A call that may be sent several times: all of them are sets, reads, or carry an idempotency key.</summary>
internal readonly record struct GatewayCall(CallKind Kind, HttpMethod Method, string Path)
{
    /// <summary>Whose session it belongs to; null for the development calls.</summary>
    public UserSession? Session { get; init; }

    /// <summary>The body; empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The media type of the body.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>The <c>Idempotency-Key</c>, or null.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>How long one request may take; null for the client's setting.</summary>
    public TimeSpan? Timeout { get; init; }
}
