using Microsoft.AspNetCore.Authentication;

namespace Floodgate.ReadRouter.Authentication;

/// <summary>Adds who the caller is.</summary>
internal static class AuthenticationRegistration
{
    public static IHostApplicationBuilder AddBearerAuthentication(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<BearerOptions>().BindConfiguration(BearerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<UserTokens>();
        builder.Services.AddAuthentication(BearerHandler.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.SchemeName, null);
        builder.Services.AddAuthorization();
        return builder;
    }

    /// <summary>Says who the caller is, and turns away a token that is not valid even where none is needed: the caller thinks it is somebody.</summary>
    public static WebApplication UseBearerAuthentication(this WebApplication app)
    {
        app.UseAuthentication();
        app.Use(async (context, next) =>
        {
            if (context.Request.Headers.ContainsKey("Authorization") && context.User.Identity is not { IsAuthenticated: true })
                await context.ChallengeAsync();
            else
                await next(context);
        });
        app.UseAuthorization();
        return app;
    }
}
