namespace Floodgate.ReadRouter.Status;

/// <summary>Adds <c>GET /status</c>.</summary>
internal static class StatusRegistration
{
    public static IHostApplicationBuilder AddStatus(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<InternalCalls>();
        builder.Services.AddSingleton<StatusReader>();
        return builder;
    }

    public static WebApplication MapStatus(this WebApplication app)
    {
        app.MapGet("/status", async (StatusReader reader, CancellationToken cancellationToken) =>
            Results.Json(await reader.ReadAsync(cancellationToken), StatusJson.Default.StatusDocument));
        return app;
    }
}
