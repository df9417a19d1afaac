using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Floodgate.Sessions;

/// <summary>Adds the codecs of session tokens and cursors to a service.</summary>
public static class SessionRegistration
{
    /// <summary>
    /// Registers <see cref="SessionTokenCodec"/>, <see cref="CursorCodec"/>, <see cref="StreamPlaceCodec"/> and
    /// <see cref="SessionOptions"/>, which are validated at start.
    /// </summary>
    public static IHostApplicationBuilder AddSessions(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOptions<SessionOptions>()
            .BindConfiguration(SessionOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<SessionTokenCodec>();
        builder.Services.AddSingleton<CursorCodec>();
        builder.Services.AddSingleton<StreamPlaceCodec>();
        return builder;
    }
}
