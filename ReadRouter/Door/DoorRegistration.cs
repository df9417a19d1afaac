using System.Globalization;
using System.Threading.RateLimiting;
using Floodgate.Problems;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Door;

/// <summary>Adds what stands between the outside and the calls.</summary>
internal static class DoorRegistration
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public static IHostApplicationBuilder AddDoor(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<DoorOptions>().BindConfiguration(DoorOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<DoorOptions>, DoorOptionsValidation>();
        services.AddSingleton<KnownProxies>();
        services.AddSingleton<AddressSlots>();
        services.AddSingleton<ConnectionLimit>();
        services.AddSingleton<RequestLimit>();
        services.AddSingleton<FailedAuthentications>();
        services.AddSingleton<CallerLimits>();
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelLimits>();

        // ASPNETCORE_FORWARDEDHEADERS_ENABLED, which publishing sets, would believe everybody.
        services.PostConfigure<ForwardedHeadersOptions>(options => options.ForwardedHeaders = ForwardedHeaders.None);
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<CallerLimits, Measures>(LimitCallers);
        services.AddRequestTimeouts();
        builder.Logging.AddFilter("Microsoft.AspNetCore.Http.Timeouts", LogLevel.Error); // It is counted.
        services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<DoorOptions>, Measures>(LimitTime);
        return builder;
    }

    /// <summary>What comes before who the caller is: from where, with what, and whether there is room.</summary>
    public static WebApplication UseDoor(this WebApplication app)
    {
        var services = app.Services;
        var proxies = services.GetRequiredService<KnownProxies>();
        if (proxies.Any)
            app.UseForwardedHeaders(proxies.ToOptions());
        app.Use((context, next) =>
        {
            OutsideHeaders.RemoveFrom(context.Request.Headers);
            return next(context);
        });
        app.Use(services.GetRequiredService<RequestLimit>().HandleAsync);
        app.Use(services.GetRequiredService<FailedAuthentications>().HandleAsync);
        return app;
    }

    /// <summary>What comes after it: how much the caller may do, and for how long.</summary>
    public static WebApplication UseCallerLimits(this WebApplication app)
    {
        app.UseRateLimiter();
        app.UseRequestTimeouts();
        return app;
    }

    private static void LimitCallers(RateLimiterOptions limiter, CallerLimits limits, Measures measures)
    {
        limiter.GlobalLimiter = limits.Create();
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = async (rejected, _) =>
        {
            var reason = limits.CallerOf(rejected.HttpContext).Reason!;
            measures.Refused(reason);
            var kind = reason is Refusal.UserReads or Refusal.AddressReads ? "reads" : "writes";
            var whose = reason is Refusal.UserReads or Refusal.UserWrites ? "user" : "address without a token";
            var rate = limits.RateOf(reason).ToString("N0", CultureInfo.InvariantCulture);
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var left) ? left : RetryAfter;
            await Problem.TooMany($"One {whose} may make {rate} {kind} a second.", wait).ExecuteAsync(rejected.HttpContext);
        };
    }

    private static void LimitTime(RequestTimeoutOptions timeouts, IOptions<DoorOptions> door, Measures measures) =>
        timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = door.Value.EndpointTimeout,
            TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
            WriteTimeoutResponse = context =>
            {
                measures.Refused(Refusal.Time);
                return Problem.Unavailable("The answer took too long.", RetryAfter).ExecuteAsync(context);
            },
        };
}
