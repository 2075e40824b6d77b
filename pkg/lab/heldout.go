package lab

import "wavescore/pkg/dataset"

// HeldOut says which images HeldOutImages returns, as numbers among the train images of the whole
// set: from and up to to-1. Both are 0 where there is none: where the run learns from images of
// the last twelfth, and where images are cut into tiles, so that those of one picture are not kept
// together. It is as cheap as Shape.
func (r Run) HeldOut(n int) (from, to int) {
	set := r.imageSet()
	kept := (set.Train + 11) / 12
	if learnt, _ := r.Counts(); learnt > set.Train-kept || set.tiles(r.Side) > 1 {
		return 0, 0
	}
	return set.Train - max(min(n, kept), 0), set.Train
}

// HeldOutImages returns the last n train images of the set, no more than a twelfth of them, which
// nothing has learnt from: neither what is fitted to TrainImages nor the reference networks, the
// classifier and the stored samples' machines, as 'wavescore train', 'wavescore classifier' and
// 'wavescore fit --family conditional' keep the last twelfth for validation. (Conditional machines
// weigh their windows by the first 300 of it.) They are fitted to the run's side as TrainImages
// are. It returns nil where HeldOut says that there is none.
func (r Run) HeldOutImages(n int) *dataset.Images {
	from, to := r.HeldOut(n)
	if from == to {
		return nil
	}
	selection := r.TrainSet()
	selection.Number = 0
	return Must1(Cached("held-out", []any{selection, from, to}, func() (*dataset.Images, error) {
		images, err := dataset.Open(r.Data, dataset.Train)
		if err != nil {
			return nil, err
		}
		return squares(images.Slice(from, to), r.Side, 0)
	}))
}
