using System.IO.Pipelines;
using Floodgate.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Floodgate.TimelineService.Import;

/// <summary><c>POST /internal/import/users</c> and <c>/internal/import/follows</c>: lines of text, loaded in one transaction.</summary>
internal static class ImportEndpoints
{
    private delegate Task<Imported> Import(PipeReader body, CancellationToken cancellationToken);

    public static void AddImport(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UserImport>();
        builder.Services.AddSingleton<FollowImport>();
    }

    public static void MapImport(this WebApplication app)
    {
        var import = app.MapGroup("/internal/import").WithMetadata(new DisableRequestSizeLimitAttribute());
        import.MapPost("/users", (HttpContext context, UserImport users, PostgresNodes nodes, TimeProvider time, ILogger<UserImport> logger) =>
            RunAsync("users", users.ImportAsync, context, nodes, time, logger));
        import.MapPost("/follows", (HttpContext context, FollowImport follows, PostgresNodes nodes, TimeProvider time, ILogger<FollowImport> logger) =>
            RunAsync("follows", follows.ImportAsync, context, nodes, time, logger));
    }

    private static async Task<Ok<Imported>> RunAsync(
        string what, Import import, HttpContext context, PostgresNodes nodes, TimeProvider time, ILogger logger)
    {
        var began = time.GetTimestamp();
        var imported = await import(context.Request.BodyReader, context.RequestAborted);
        await using var connection = await nodes.Primary.OpenConnectionAsync(context.RequestAborted);
        context.SetPosition(await WalPositionQuery.AfterCommitAsync(connection, context.RequestAborted));
        var duration = time.GetElapsedTime(began);
        Log.Imported(logger, imported.Count, what, imported.Skipped, duration);
        return TypedResults.Ok(imported);
    }
}
