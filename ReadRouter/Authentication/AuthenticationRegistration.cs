using Floodgate.ReadRouter.Door;
using Microsoft.AspNetCore.Authentication;

namespace Floodgate.ReadRouter.Authentication;

/// <summary>Adds who the caller is.</summary>
internal static class AuthenticationRegistration
{
    public static IHostApplicationBuilder AddBearerAuthentication(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<BearerOptions>().BindConfiguration(BearerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<UserTokens>();

        // The core alone: AddAuthentication would bring the key store of cookie encryption with it, and its files.
        builder.Services.AddAuthenticationCore(options =>
        {
            options.DefaultScheme = BearerHandler.SchemeName;
            options.AddScheme<BearerHandler>(BearerHandler.SchemeName, displayName: null);
        });
        builder.Services.AddTransient<BearerHandler>();
        builder.Services.AddWebEncoders();
        builder.Services.AddAuthorization();

        // A caller without a token is no news.
        builder.Logging.AddFilter(typeof(BearerHandler).FullName, LogLevel.Warning);
        return builder;
    }

    /// <summary>Says who the caller is, and turns away a token that is not valid even where none is needed: the caller thinks it is somebody.</summary>
    public static WebApplication UseBearerAuthentication(this WebApplication app)
    {
        var failures = app.Services.GetRequiredService<FailedAuthentications>();
        app.UseAuthentication();
        app.Use(async (context, next) =>
        {
            if (context.Request.Headers.ContainsKey("Authorization") && context.User.Identity is not { IsAuthenticated: true })
            {
                failures.Count(context);
                await context.ChallengeAsync();
            }
            else
            {
                await next(context);
            }
        });
        return app;
    }
}
