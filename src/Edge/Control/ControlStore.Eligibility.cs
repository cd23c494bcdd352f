using OrleansCdn.Contracts.Control;

namespace OrleansCdn.Edge.Control;

/// <summary>Which PoPs are eligible: an edge that starts without any silo answers DNS by the last decision that it was told.</summary>
internal sealed partial class ControlStore
{
    public const string EligibilityName = "eligibility.snapshot";

    /// <summary>Names, reasons and times of all PoPs, and names of drained edges, each character escaped in JSON.</summary>
    public const int MaxEligibilityBytes = (Eligibility.MaxPops * 4096) + (Eligibility.MaxDrainedEdges * 1024);

    /// <summary>The last decision that was saved, or <see cref="Eligibility.None"/>, under which every PoP is eligible. Never throws for what the file holds.</summary>
    public Eligibility LoadEligibility()
    {
        if (Load(EligibilityName, MaxEligibilityBytes, RecordFrame.EligibilityKind, StoredJson.Default.StoredEligibility) is not { } stored)
        {
            return Eligibility.None;
        }

        if (!IsOwn(EligibilityName, stored.Pop, stored.Edge))
        {
            return Eligibility.None;
        }

        if (EligibilityCheck.Refuse(stored.Eligibility) is { } wrong)
        {
            _directory.SetAside(EligibilityName, wrong);
            return Eligibility.None;
        }

        return stored.Eligibility;
    }

    /// <summary>Replaces what was saved; when this returns it is on disk.</summary>
    /// <exception cref="IOException">The disk refused; the file that was there is untouched.</exception>
    public void SaveEligibility(Eligibility eligibility) => Save(
        EligibilityName,
        RecordFrame.EligibilityKind,
        new StoredEligibility { Pop = _pop, Edge = _edge, Eligibility = eligibility },
        StoredJson.Default.StoredEligibility);
}
