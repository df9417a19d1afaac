using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Floodgate.Problems;

/// <summary>Gives a service one way of saying what went wrong.</summary>
public static class ProblemRegistration
{
    /// <summary>
    /// Adds problem details and the mapping of exceptions to them: bad JSON 400, wrong content type 415, too large 413,
    /// a database that does not answer 503 with <c>Retry-After</c>.
    /// </summary>
    /// <param name="builder">The service.</param>
    /// <param name="configure">Names further exceptions that mean 503.</param>
    public static IHostApplicationBuilder AddProblems(this IHostApplicationBuilder builder, Action<ProblemOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<ProblemExceptionHandler>();
        builder.Services.Configure(configure ?? (_ => { }));

        // Otherwise a body that cannot be read gives an empty 400 outside Development, without a word of what is wrong.
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        return builder;
    }

    /// <summary>
    /// Puts the mapping in front of the endpoints. What the framework refuses before they are called, or without an exception, gives problem details too: an
    /// unknown route, a body that is too large or of another content type.
    /// </summary>
    public static WebApplication UseProblems(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseExceptionHandler();
        var others = new StatusCodePagesOptions().HandleAsync;
        app.UseStatusCodePages(new StatusCodePagesOptions
        {
            HandleAsync = context => Problem.OfBody(context.HttpContext.Response.StatusCode) is { } problem ? problem.ExecuteAsync(context.HttpContext) : others(context),
        });
        return app;
    }
}
