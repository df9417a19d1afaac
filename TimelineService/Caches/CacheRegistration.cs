using Floodgate.Leases;
using Floodgate.Posts;

namespace Floodgate.TimelineService.Caches;

/// <summary>Adds the caches of this service.</summary>
internal static class CacheRegistration
{
    /// <summary>
    /// From how many reads a second and process on a post is served from memory: more than of other entities, as posts are read a page at a time. Then a copy
    /// costs nothing beyond the one question of the page, while a hold is read and announced anew several times a second.
    /// </summary>
    public const int HotPostRate = 1000;

    public static void AddCaches(this WebApplicationBuilder builder)
    {
        builder.AddLeaseCaches();
        builder.AddPostCache(options => options.HotRate = HotPostRate);
        builder.AddLeaseCache(AuthorPages.Entity);
        builder.AddLeaseCache(FollowLists.Entity);
        builder.AddLeaseCache(UserCache.Entity);
        builder.Services.AddSingleton<AuthorPages>();
        builder.Services.AddSingleton<FollowLists>();
        builder.Services.AddSingleton<UserCache>();
        builder.Services.AddSingleton<WriteAnnouncer>();
    }
}
