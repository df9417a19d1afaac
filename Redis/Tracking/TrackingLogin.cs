using StackExchange.Redis;

namespace Floodgate.Redis.Tracking;

/// <summary>How to connect to Redis, as the settings of the client's other connections say.</summary>
/// <param name="User">The user; <c>default</c> where none is named.</param>
/// <param name="Password">The password; null: none is asked for.</param>
/// <param name="Database">The number of the database.</param>
/// <param name="Tls">Whether to connect by TLS.</param>
/// <param name="TlsHost">The name on the server's certificate; null: that of the server.</param>
internal sealed record TrackingLogin(string User, string? Password, int Database, bool Tls, string? TlsHost)
{
    private const string UserKey = "user=";

    /// <summary>Reads the settings of a connection (https://stackexchange.github.io/StackExchange.Redis/Configuration).</summary>
    public static TrackingLogin Parse(string configuration)
    {
        var options = ConfigurationOptions.Parse(configuration, ignoreUnknown: true);
        return new TrackingLogin(
            UserOf(configuration), string.IsNullOrEmpty(options.Password) ? null : options.Password, options.DefaultDatabase ?? 0, options.Ssl,
            string.IsNullOrEmpty(options.SslHost) ? null : options.SslHost);
    }

    // Not every version of the client has a property for it.
    private static string UserOf(string configuration)
    {
        foreach (var part in configuration.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.StartsWith(UserKey, StringComparison.OrdinalIgnoreCase) && part.Length > UserKey.Length)
            {
                return part[UserKey.Length..];
            }
        }

        return "default";
    }
}
