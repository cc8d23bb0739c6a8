using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Access;

/// <summary>
/// The API keys, as hashes. A key is looked up under a hash with a secret of this process and then compared in constant time, so
/// that the time of an answer reveals nothing about the keys. The keys can be replaced; once required, keys stay required.
/// Thread-safe.
/// </summary>
internal sealed class ApiKeys
{
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly Lock _lock = new();
    private readonly string? _keyFile;
    private IReadOnlyList<ApiKey> _given;
    private IReadOnlyList<ApiKey> _ofFile;
    private volatile FrozenDictionary<long, (byte[] Hash, Caller Caller)[]> _byPlace;
    private volatile bool _areRequired;

    public ApiKeys(ServerConfiguration server)
    {
        _keyFile = server.KeyFile;
        _given = server.Keys;
        _ofFile = server.FileKeys;
        _areRequired = server.NeedsAuthentication;
        _byPlace = Index();
    }

    /// <summary>Whether callers need a key or token.</summary>
    public bool AreRequired => _areRequired;

    /// <summary>The owner of a key; null when the key is not known.</summary>
    public Caller? Find(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(key, hash);
        return FindHash(hash);
    }

    /// <summary>The owner of the key with a hash; null when the key is not known, or not any more.</summary>
    public Caller? FindHash(ReadOnlySpan<byte> hash)
    {
        if (!_byPlace.TryGetValue(Place(hash), out var candidates)) return null;
        Caller? found = null;
        foreach (var (known, caller) in candidates)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, known)) found = caller;
        }

        return found;
    }

    /// <summary>The hash of a key, which may be kept.</summary>
    public static byte[] HashOf(string key)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        Hash(key, hash);
        return hash;
    }

    /// <summary>
    /// Replaces the keys by those of a configuration that was read again, and those of the key file by what it holds now: the configuration may have
    /// read it before a key was revoked.
    /// </summary>
    public void Replace(ServerConfiguration server)
    {
        lock (_lock)
        {
            (_given, _ofFile) = (server.Keys, _keyFile is null ? server.FileKeys : ReadFile(_keyFile));
            _byPlace = Index();
            _areRequired |= server.NeedsAuthentication;
        }
    }

    /// <summary>Replaces the keys by those of a key file that has changed.</summary>
    public void ReplaceFile(IReadOnlyList<ApiKey> keys)
    {
        lock (_lock)
        {
            _ofFile = keys;
            _byPlace = Index();
        }
    }

    /// <summary>Keeps the last keys while the file is missing, wrong or empty: its watch decides about that.</summary>
    private IReadOnlyList<ApiKey> ReadFile(string file)
    {
        var errors = new List<ConfigurationError>();
        return KeyFile.Read(file, errors) is { Count: > 0 } read && errors.Count == 0 ? read : _ofFile;
    }

    private FrozenDictionary<long, (byte[] Hash, Caller Caller)[]> Index() => _given.Concat(_ofFile)
        .Select(k => (Hash: Convert.FromHexString(k.Hash), Caller: new Caller(k.Tenant, k.IsAdmin) { Name = $"key {k.Hash[..8]}" }))
        .GroupBy(k => Place(k.Hash))
        .ToFrozenDictionary(g => g.Key, g => g.ToArray());

    private long Place(ReadOnlySpan<byte> hash)
    {
        Span<byte> place = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, hash, place);
        return BinaryPrimitives.ReadInt64LittleEndian(place);
    }

    private static void Hash(string key, Span<byte> hash)
    {
        // Keys are short. A long text cannot be one, and is hashed all the same so that it takes no less time.
        var length = Encoding.UTF8.GetMaxByteCount(key.Length);
        Span<byte> bytes = length <= 1024 ? stackalloc byte[1024] : new byte[length];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(key, bytes)], hash);
    }
}
