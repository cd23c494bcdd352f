namespace OrleansCdn.Edge.Cache.Disk;

/// <summary>Where a <see cref="PurgeJournal"/> is kept: a directory, or the simulated disk of a test that loses what was not flushed.</summary>
/// <remarks>What the disk refuses is an <see cref="IOException"/>, an <see cref="UnauthorizedAccessException"/> or an <see cref="ObjectDisposedException"/>.</remarks>
internal interface IJournalFile : IDisposable
{
    /// <summary>For the log.</summary>
    string Name { get; }

    /// <summary>The whole content; null when there is none, or more than <paramref name="longest"/> bytes of it.</summary>
    byte[]? Read(long longest);

    /// <summary>Survives the process from here on.</summary>
    /// <param name="offset">The end of what was written so far.</param>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>What was written before survives the machine from here on.</summary>
    void Flush();

    /// <summary>Another content in the place of this one, or the first: all of it and on disk, or as it was.</summary>
    /// <returns>Its bytes.</returns>
    long Replace(IEnumerable<byte[]> parts);

    void Delete();
}
