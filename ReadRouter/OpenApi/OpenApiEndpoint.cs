namespace Floodgate.ReadRouter.OpenApi;

/// <summary>
/// Serves the description of the public interface. It is kept by hand, as the router only forwards these calls and knows no types of
/// them; a test compares it with the routes.
/// </summary>
internal static class OpenApiEndpoint
{
    public const string Path = "/openapi/v1.json";

    public static WebApplication MapOpenApiDocument(this WebApplication app)
    {
        var document = ReadDocument();
        app.MapGet(Path, () => Results.Bytes(document, "application/json"));
        return app;
    }

    public static byte[] ReadDocument()
    {
        using var resource = typeof(OpenApiEndpoint).Assembly.GetManifestResourceStream("openapi.json")
            ?? throw new InvalidOperationException("The OpenAPI document is not in the assembly.");
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return bytes.ToArray();
    }
}
