namespace Floodgate.AppHost;

/// <summary>Sets options of a Redis server.</summary>
internal static class RedisExtensions
{
    /// <summary>
    /// Adds options to the server's command line. Aspire's container starts the server through a shell, with the whole command as one
    /// argument: an argument added beside it would be lost, so they are added to that one.
    /// </summary>
    public static IResourceBuilder<RedisResource> WithServerOptions(this IResourceBuilder<RedisResource> redis, params string[] options) =>
        redis.WithArgs(context =>
        {
            for (var i = 0; i < context.Args.Count; i++)
            {
                if (context.Args[i] is string command && command.StartsWith("redis-server", StringComparison.Ordinal))
                {
                    context.Args[i] = $"{command} {string.Join(' ', options)}";
                    return;
                }
            }

            foreach (var part in options.SelectMany(option => option.Split(' ')))
                context.Args.Add(part);
        });
}
